import { billCard, settled } from '../support/pages';
import { voltaraNumber } from '../support/people';
import { expect, test } from '../support/test';

test('what one member of a household is billed, the others see live, and only while they are members', async ({
  person,
  sandbox,
}) => {
  const account = voltaraNumber();
  await sandbox.addAccount('voltara', account);
  const owner = await person();
  await owner.api.signUp('Olga Owner');
  const homeId = await owner.api.addHome('Shared flat');
  await owner.api.addVoltara(account, 'Electricity', homeId);
  const member = await person();
  const email = await member.api.signUp('Max Member');
  await member.page.goto('/bills');
  await expect(member.page.getByText('No bills yet')).toBeVisible();

  await owner.page.goto(`/homes/${homeId}`);
  await owner.page.getByRole('button', { name: 'Share' }).click();
  const dialog = owner.page.getByRole('dialog');
  await dialog.getByLabel('E-mail').fill('no address');
  await dialog.getByRole('button', { name: 'Share' }).click();
  await expect(dialog.getByLabel('E-mail')).toHaveAttribute('aria-invalid', 'true');
  await dialog.getByLabel('E-mail').fill(email);
  await dialog.getByLabel('Can view').check();
  await dialog.getByRole('button', { name: 'Share' }).click();
  await expect(dialog).toBeHidden();
  // Nothing is known of the other side before they accept.
  await expect(owner.page.getByText('Max Member')).toHaveCount(0);
  await expect(owner.page.getByText(email, { exact: true })).toBeVisible();
  await member.page.goto('/accounts');
  await member.page.getByRole('link', { name: '1 invitation waits for your answer' }).click();
  await expect(member.page.getByText('Home: Shared flat')).toBeVisible();
  await member.page.getByRole('button', { name: 'Accept' }).click();
  await expect(member.page.getByRole('heading', { name: 'Shared flat' })).toBeVisible();
  await member.page.goto('/bills');
  await owner.page.reload();
  await expect(owner.page.getByText('Max Member')).toBeVisible();
  await expect(owner.page.getByText(email)).toHaveCount(0);

  await sandbox.issueBill('voltara', account, 5_151);
  await expect(billCard(member.page, 5_151)).toBeVisible();
  await expect(billCard(owner.page, 5_151)).toBeVisible();

  // A viewer may look, and change nothing.
  await member.page.goto(`/homes/${homeId}`);
  await settled(member.page);
  await expect(member.page.getByRole('heading', { name: 'Household' })).toBeVisible();
  await expect(member.page.getByRole('button', { name: 'Share' })).toHaveCount(0);

  await owner.page.getByRole('button', { name: 'Remove Max Member' }).click();
  await owner.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(owner.page.getByText('Max Member')).toHaveCount(0);
  await member.page.goto('/bills');
  await expect(member.page.getByText('No bills yet')).toBeVisible();
});
