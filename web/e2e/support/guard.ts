import type { BrowserContext } from '@playwright/test';

/**
 * Watches everything the browser does in a test. A page that logs an error, breaks the Content-Security-Policy or asks
 * another host for anything fails the test, whatever the test is about.
 */
export class Guard {
  private readonly problems: string[] = [];
  private readonly expected: RegExp[] = [];

  constructor(private readonly origin: string) {}

  /** An error that belongs to the test, such as the browser's own words for a lost network. */
  expect(message: RegExp): void {
    this.expected.push(message);
  }

  async watch(context: BrowserContext): Promise<void> {
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        // biome-ignore lint/suspicious/noConsole: this runs in the page, whose console the guard listens to
        console.error(`Content-Security-Policy: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    context.on('console', (message) => {
      if (message.type() === 'error') this.note(`console: ${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (event) => this.note(`uncaught: ${event.error().stack ?? event.error().message}`));
    context.on('request', (request) => this.look(request.url()));
    context.on('page', (page) => page.on('websocket', (socket) => this.look(socket.url())));
  }

  /** What went wrong and was not expected. */
  found(): string[] {
    return this.problems.filter((problem) => !this.expected.some((pattern) => pattern.test(problem)));
  }

  private look(address: string): void {
    const { protocol, host } = new URL(address);
    const remote = ['http:', 'https:', 'ws:', 'wss:'].includes(protocol);
    if (remote && host !== new URL(this.origin).host) this.note(`another host was asked: ${address}`);
  }

  private note(problem: string): void {
    this.problems.push(problem);
  }
}
