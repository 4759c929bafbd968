import {
  Anchor,
  type AnchorProps,
  Button,
  type ButtonProps,
  Card,
  type CardProps,
  NavLink,
  type NavLinkProps,
} from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { ComponentPropsWithRef } from 'react';

/** The attributes of an anchor beside the properties of a Mantine element. */
type AsAnchor<Props> = Props & Omit<ComponentPropsWithRef<'a'>, keyof Props>;

// Each renders a real anchor: it can be opened in a new tab, copied, and is announced as a link.
const AnchorElement = (props: AsAnchor<AnchorProps>) => <Anchor {...props} />;
const ButtonElement = (props: AsAnchor<ButtonProps>) => <Button component="a" {...props} />;
const CardElement = (props: AsAnchor<CardProps>) => <Card component="a" {...props} />;
const NavElement = (props: AsAnchor<NavLinkProps>) => <NavLink component="a" {...props} />;

/** Mantine's elements as links of the router: they know every path of the app, and move without a reload. */
export const AnchorLink = createLink(AnchorElement);
export const ButtonLink = createLink(ButtonElement);
export const CardLink = createLink(CardElement);
export const NavigationLink = createLink(NavElement);
