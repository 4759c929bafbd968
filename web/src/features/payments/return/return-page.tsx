import { Navigate } from '@tanstack/react-router';
import { cameBackTo } from './return';

/** Where a bank's page sends the browser back to: on to the payment it was about. */
export function ReturnPage() {
  const paymentId = cameBackTo();
  return paymentId ? (
    <Navigate to="/payments/$paymentId" params={{ paymentId }} replace />
  ) : (
    <Navigate to="/payments" replace />
  );
}
