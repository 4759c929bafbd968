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
  await expect(page.locator('.view-lines').first()).toContainText('Viewer');
  await described;
  const answered = page.waitForResponse((answer) => answer.request().postData()?.includes('query Viewer') ?? false);
  await page.getByRole('button', { name: /Execute query/ }).click();
  expect(await (await answered).text()).toContain('anna@example.com');
  // The editor writes only the lines that fit the screen into the page.
  await expect(page.getByRole('region', { name: /Result/ })).toContainText('viewer');
  expect(asked.filter((url) => /assets\/.*worker/.test(url)).length, 'the editor has its workers').toBeGreaterThan(0);
});
