import { client } from '@/shared/graphql/client';
import { graphql } from '@/shared/graphql/graphql';
import { openFile } from '@/shared/lib/open-file';

/** Links to documents last a quarter of an hour, so one is asked for when it is wanted. */
const DocumentLinksQuery = graphql(`
  query DocumentLinks($id: ID!) {
    payment(id: $id) { id documents { id status url } }
  }
`);

export async function downloadDocument(paymentId: string, documentId: string, name: string): Promise<boolean> {
  const { data } = await client
    .query(DocumentLinksQuery, { id: paymentId }, { requestPolicy: 'network-only' })
    .toPromise();
  const url = data?.payment?.documents.find(({ id }) => id === documentId)?.url;
  if (!url) return false;
  openFile(url, name);
  return true;
}
