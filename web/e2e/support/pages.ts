import { expect, type Locator, type Page } from '@playwright/test';

/** The bar at the bottom of a phone, the side bar on anything wider: whichever is shown. */
export const navigation = (page: Page): Locator => page.getByRole('navigation', { name: /^(Main|Haupt)/ });

export async function goTo(page: Page, name: string | RegExp): Promise<void> {
  await navigation(page).getByRole('link', { name }).click();
}

/** The page is there: its title stands and nothing is loading any more. */
export async function settled(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
}

/** An amount as British readers write it. */
export const money = (minor: number, currency = 'EUR'): string =>
  new Intl.NumberFormat('en-GB', { style: 'currency', currency }).format(minor / 100);

/** A bill's card in a list, by its amount, which the tests choose so that no other bill has it. */
export const billCard = (page: Page, minor: number): Locator =>
  page
    .getByRole('main')
    .locator('a[href^="/bills/"]')
    .filter({ hasText: money(minor) });
