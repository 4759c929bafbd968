import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { loadViewer } from '@/entities/viewer/session';
import { ClaimPage } from '@/features/auth/claim-page';
import { ForgotPasswordPage } from '@/features/auth/forgot-password-page';
import { ConfirmEmailPage, UndoEmailChangePage } from '@/features/auth/mailed-link-pages';
import { ResetPasswordPage } from '@/features/auth/reset-password-page';
import { SignInPage } from '@/features/auth/sign-in-page';
import { SignUpPage } from '@/features/auth/sign-up-page';
import { rootRoute } from './base-routes';

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const signIn = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { next?: string; ended?: boolean } => ({
    ...(text(search.next) ? { next: text(search.next) as string } : {}),
    ...(search.ended ? { ended: true } : {}),
  }),
  component: function SignIn() {
    const { next, ended } = signIn.useSearch();
    return <SignInPage next={next} ended={ended} />;
  },
});

const signUp = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-up',
  validateSearch: (search: Record<string, unknown>): { next?: string } =>
    text(search.next) ? { next: text(search.next) as string } : {},
  component: function SignUp() {
    return <SignUpPage next={signUp.useSearch().next} />;
  },
});

const claim = createRoute({
  getParentRoute: () => rootRoute,
  path: '/claim',
  validateSearch: (search: Record<string, unknown>): { token?: string } =>
    text(search.token) ? { token: text(search.token) as string } : {},
  component: function Claim() {
    return <ClaimPage token={claim.useSearch().token} />;
  },
});

const readToken = (search: Record<string, unknown>): { token?: string } =>
  text(search.token) ? { token: text(search.token) as string } : {};

const forgotPassword = createRoute({
  getParentRoute: () => rootRoute,
  path: '/forgot-password',
  component: ForgotPasswordPage,
});

const resetPassword = createRoute({
  getParentRoute: () => rootRoute,
  path: '/reset-password',
  validateSearch: readToken,
  component: function Reset() {
    return <ResetPasswordPage token={resetPassword.useSearch().token} />;
  },
});

const confirmEmail = createRoute({
  getParentRoute: () => rootRoute,
  path: '/confirm-email',
  validateSearch: readToken,
  component: function Confirm() {
    return <ConfirmEmailPage token={confirmEmail.useSearch().token} />;
  },
});

const undoEmailChange = createRoute({
  getParentRoute: () => rootRoute,
  path: '/undo-email-change',
  validateSearch: readToken,
  component: function Undo() {
    return <UndoEmailChangePage token={undoEmailChange.useSearch().token} />;
  },
});

/** Where staff are led who must set up a second factor before anything else. */
const setUp = createRoute({
  getParentRoute: () => rootRoute,
  path: '/set-up-second-factor',
  validateSearch: (search: Record<string, unknown>): { next?: string } =>
    text(search.next) ? { next: text(search.next) as string } : {},
  beforeLoad: async () => {
    const viewer = await loadViewer();
    if (!viewer) throw redirect({ to: '/sign-in' });
    if (!viewer.mustSetUpSecondFactor) throw redirect({ to: '/' });
  },
  component: lazyRouteComponent(() => import('@/features/security/set-up-route'), 'SetUpRoute'),
});

/** A signed link in a reminder: one bill, paid without signing in. */
const guestPay = createRoute({
  getParentRoute: () => rootRoute,
  path: '/pay/$token',
  component: lazyRouteComponent(() => import('@/features/guest/guest-pay-route'), 'GuestPayRoute'),
});

export const authRoutes = [
  signIn,
  signUp,
  claim,
  forgotPassword,
  resetPassword,
  confirmEmail,
  undoEmailChange,
  setUp,
  guestPay,
] as const;
