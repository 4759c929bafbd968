import { settled } from '../support/pages';
import { OPERATOR, PASSWORD, unique } from '../support/people';
import { expect, test } from '../support/test';

test('an operator onboards a customer, who claims the account with the invitation link', async ({ person, demo }) => {
  const { page } = await person(OPERATOR);
  const [name, email] = [`Olivia ${unique()}`, `${unique()}@example.com`];
  await page.goto('/staff/customers');
  await page.getByRole('link', { name: 'Add customer' }).click();
  await page.getByRole('button', { name: 'Add and make an invitation' }).click();
  await expect(page.getByText('Please fill this in.')).toBeVisible();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('button', { name: 'Add and make an invitation' }).click();
  const link = await page.getByLabel('Invitation link').inputValue();
  expect(link).toContain(`${demo.url}/claim?token=`);
  await page.getByRole('button', { name: 'I have copied it' }).click();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();

  const customer = await person();
  await customer.page.goto(link);
  await expect(customer.page.getByRole('heading', { name: 'Claim your account' })).toBeVisible();
  await customer.page.getByLabel('Name').fill(name);
  await customer.page.getByLabel('E-mail').fill(email);
  await customer.page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await customer.page.getByRole('button', { name: 'Claim your account' }).click();
  await expect(customer.page.getByRole('heading', { name: 'Hello, Olivia' })).toBeVisible();

  // It works once.
  const other = await person();
  await other.page.goto(link);
  await other.page.getByLabel('Name').fill('Somebody Else');
  await other.page.getByLabel('E-mail').fill(`${unique()}@example.com`);
  await other.page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await other.page.getByRole('button', { name: 'Claim your account' }).click();
  await expect(other.page.getByRole('alert')).toBeVisible();

  await page.reload();
  await settled(page);
  await expect(page.getByRole('button', { name: 'New invitation' })).toHaveCount(0);
});

test('an operator finds a customer by name, mobile number, e-mail address and consumer number', async ({ person }) => {
  const { page } = await person(OPERATOR);
  await page.goto('/staff/customers');
  const found = page.getByRole('main').getByRole('link', { name: 'Anna Winkler' });
  const search = page.getByPlaceholder('Name, e-mail, mobile or consumer number');
  for (const text of ['anna w', 'anna@exa', '+4915111100001', 'VT10000001']) {
    await search.fill('nobody at all');
    await expect(page.getByText('Nobody matches')).toBeVisible();
    await search.fill(text);
    await expect(found).toBeVisible();
  }
  await found.click();
  await expect(page.getByRole('heading', { name: 'Anna Winkler', level: 1 })).toBeVisible();
  await expect(page.getByText('Cabin electricity')).toBeVisible();
});

test('the screens of the staff are not for customers, and those of administrators not for operators', async ({
  person,
}) => {
  const customer = await person('ben@example.com');
  await customer.page.goto('/staff/customers');
  await expect(customer.page.getByRole('heading', { name: 'Hello, Ben' })).toBeVisible();
  const { page } = await person(OPERATOR);
  await page.goto('/staff/people');
  await expect(page.getByText('This page is for administrators.')).toBeVisible();
});
