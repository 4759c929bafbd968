import { getRouteApi } from '@tanstack/react-router';
import { GuestPayPage } from './guest-pay-page';

const route = getRouteApi('/pay/$token');

export function GuestPayRoute() {
  return <GuestPayPage token={route.useParams().token} />;
}
