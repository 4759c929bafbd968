import { ANNA } from './support/people';
import { expect, test } from './support/test';

// That nothing is asked of another host, and that the Content-Security-Policy holds, is watched in every test.
test('GraphiQL is our own bundle, with examples that run', async ({ person }) => {
  const { page } = await person(ANNA);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  const described = page.waitForResponse((answer) => answer.request().postData()?.includes('__schema') ?? false);
  await page.goto('/graphiql');
  await expect(page).toHaveURL(/\/graphiql\/$/);
  // The editor is made of workers and comes in parts; the schema it knows comes last.
  await expect(page.locator('.view-lines').first()).toContainText('Viewer', { timeout: 20_000 });
  await described;
  await page.getByRole('button', { name: /Execute query/ }).click();
  const answer = page.getByRole('region', { name: /Result/ });
  await expect(answer).toContainText('anna@example.com');
  expect(asked.filter((url) => /assets\/.*worker/.test(url)).length, 'the editor has its workers').toBeGreaterThan(0);
});
