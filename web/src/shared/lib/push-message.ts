/**
 * Reads a Declarative Web Push message, which newer Safari shows by itself and every other browser hands to our
 * service worker. Every push must show something, so a message that cannot be read becomes a plain notice.
 */
export interface PushMessage {
  readonly title: string;
  readonly options: NotificationOptions & { readonly renotify?: boolean };
}

const FALLBACK: PushMessage = {
  title: 'Billow',
  options: { icon: '/icons/icon-192.png', data: { navigate: '/inbox' } },
};

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

export function readPush(payload: string | undefined): PushMessage {
  if (!payload) return FALLBACK;
  let message: unknown;
  try {
    message = JSON.parse(payload);
  } catch {
    return FALLBACK;
  }
  const notification = (message as { notification?: unknown } | null)?.notification;
  if (typeof notification !== 'object' || notification === null) return FALLBACK;
  const { title, body, tag, navigate, data, lang, silent } = notification as Record<string, unknown>;
  const extra = typeof data === 'object' && data !== null ? data : {};
  return {
    title: text(title) ?? FALLBACK.title,
    options: {
      icon: '/icons/icon-192.png',
      badge: '/icons/badge-96.png',
      data: { ...extra, navigate: text(navigate) ?? '/inbox' },
      ...(text(body) ? { body: text(body) } : {}),
      ...(text(lang) ? { lang: text(lang) } : {}),
      ...(silent === true ? { silent: true } : {}),
      // The same tag replaces the notification already shown: a delivery that is tried twice shows once, quietly.
      ...(text(tag) ? { tag: text(tag), renotify: false } : {}),
    } as PushMessage['options'],
  };
}

/** The path to open: only one of this app, whatever the message says. */
export function sameOriginPath(navigate: string | undefined, origin: string): string {
  if (!navigate) return '/inbox';
  try {
    const target = new URL(navigate, origin);
    return target.origin === origin ? `${target.pathname}${target.search}${target.hash}` : '/inbox';
  } catch {
    return '/inbox';
  }
}
