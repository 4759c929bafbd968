import { Anchor, Button, Card, NavLink } from '@mantine/core';
import { createLink } from '@tanstack/react-router';

/** Mantine's elements as links of the router: they know every path of the app, and move without a reload. */
export const AnchorLink = createLink(Anchor<'a'>);
export const ButtonLink = createLink(Button<'a'>);
export const CardLink = createLink(Card<'a'>);
export const NavigationLink = createLink(NavLink<'a'>);
