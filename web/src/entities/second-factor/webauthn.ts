/** Passkeys as the browser knows them: the server's options in, the browser's answer out, bytes as base64url. */

const bytes = (text: string): Uint8Array<ArrayBuffer> => {
  const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
};

const text = (buffer: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');

/** What the server sends for a passkey, as far as bytes are in it. */
interface ServerOptions {
  readonly challenge: string;
  readonly user?: { readonly id: string };
  readonly allowCredentials?: readonly { readonly id: string }[];
  readonly excludeCredentials?: readonly { readonly id: string }[];
}

const described = (list: readonly { readonly id: string }[] | undefined) =>
  (list ?? []).map((entry) => ({ ...entry, type: 'public-key' as const, id: bytes(entry.id) }));

/** Browsers know passkeys for names only, not for IP addresses. */
export const passkeysSupported = (): boolean =>
  typeof PublicKeyCredential !== 'undefined' && !/^[\d.]+$|:/.test(location.hostname);

/** Someone closed the browser's dialog, or it took too long: no reason to tell of an error. */
export const wasCancelled = (problem: unknown): boolean =>
  problem instanceof DOMException && ['NotAllowedError', 'AbortError'].includes(problem.name);

/** Makes a passkey on this device; answers what the server checks. */
export async function makePasskey(options: unknown): Promise<object> {
  const given = options as ServerOptions & PublicKeyCredentialCreationOptionsJSON;
  const publicKey = {
    ...given,
    challenge: bytes(given.challenge),
    user: { ...given.user, id: bytes(given.user.id) },
    excludeCredentials: described(given.excludeCredentials),
  } as PublicKeyCredentialCreationOptions;
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    extensions: {},
    response: {
      attestationObject: text(response.attestationObject),
      clientDataJSON: text(response.clientDataJSON),
      transports: response.getTransports?.() ?? [],
    },
  };
}

/** Proves a passkey; answers what the server checks. */
export async function provePasskey(options: unknown): Promise<object> {
  const given = options as ServerOptions & PublicKeyCredentialRequestOptionsJSON;
  const publicKey = {
    ...given,
    challenge: bytes(given.challenge),
    allowCredentials: described(given.allowCredentials),
  } as PublicKeyCredentialRequestOptions;
  const used = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const response = used.response as AuthenticatorAssertionResponse;
  return {
    id: used.id,
    rawId: text(used.rawId),
    type: used.type,
    extensions: {},
    response: {
      authenticatorData: text(response.authenticatorData),
      clientDataJSON: text(response.clientDataJSON),
      signature: text(response.signature),
      userHandle: response.userHandle ? text(response.userHandle) : null,
    },
  };
}
