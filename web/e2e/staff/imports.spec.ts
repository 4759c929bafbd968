import { settled } from '../support/pages';
import { OPERATOR, unique } from '../support/people';
import { expect, test } from '../support/test';

test('a file of customers is tried first, tells what is wrong row by row, and is then imported', async ({ person }) => {
  const { page } = await person(OPERATOR);
  const mark = unique();
  const csv = [
    'name,email,mobile,locale,time_zone,external_ref',
    `Ida ${mark},ida-${mark}@example.com,+4915155500001,de-DE,Europe/Berlin,A-${mark}`,
    `Jan ${mark},jan-${mark}@example.com,+4915155500002,de-DE,Europe/Nowhere,B-${mark}`,
    `Kim ${mark},kim-${mark}@example.com,,en-GB,Europe/Berlin,C-${mark}`,
  ].join('\n');
  await page.goto('/staff/imports/new');
  await page
    .locator('input[type="file"]')
    .setInputFiles({ name: 'customers.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
  await expect(page.getByText('3 rows')).toBeVisible();
  await page.getByRole('button', { name: /Start the dry run/ }).click();

  await expect(page.getByRole('heading', { name: 'Dry run', level: 1 })).toBeVisible();
  await expect(page.getByText('This was a dry run: nothing has been changed.')).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: '3 of 3 rows' })).toContainText('1 failed');
  const wrong = page.getByRole('row').filter({ hasText: `Jan ${mark}` });
  await expect(wrong).toContainText('Failed');
  await expect(wrong).toContainText('time_zone');
  await page.getByText('Failed rows', { exact: true }).click();
  await expect(page.getByRole('row').filter({ hasText: mark })).toHaveCount(1);

  await page.getByRole('button', { name: 'Import for real' }).click();
  await expect(page.getByRole('heading', { name: 'Import', level: 1 })).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: '3 of 3 rows' })).toContainText('1 failed');
  await settled(page);

  await page.goto(`/staff/customers?q=ida-${mark}`);
  await expect(page.getByRole('main').getByRole('link', { name: `Ida ${mark}` })).toBeVisible();
  await page.goto(`/staff/customers?q=jan-${mark}`);
  await expect(page.getByText('Nobody matches')).toBeVisible();
});

test('a file with the wrong columns is told so before it is sent', async ({ person }) => {
  const { page } = await person(OPERATOR);
  await page.goto('/staff/imports/new');
  await page
    .locator('input[type="file"]')
    .setInputFiles({ name: 'wrong.csv', mimeType: 'text/csv', buffer: Buffer.from('name,colour\nAnna,red\n') });
  await expect(page.getByText('There is no column "colour".')).toBeVisible();
  await expect(page.getByText('The column locale is missing.')).toBeVisible();
  await expect(page.getByRole('button', { name: /Start the dry run/ })).toHaveCount(0);
});
