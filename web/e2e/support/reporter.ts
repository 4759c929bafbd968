import { stripVTControlCharacters } from 'node:util';
import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';

/** Says at the very end, in one line each, what failed and why: a log is often read from its end. */
export default class Reasons implements Reporter {
  private readonly failures: string[] = [];

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status === test.expectedStatus || result.status === 'skipped') return;
    const [project, ...titles] = test.titlePath().filter(Boolean);
    const where = result.error?.location;
    const reason = stripVTControlCharacters(result.error?.message ?? result.status).split('\n');
    const told = reason.map((line) => line.trim()).filter(Boolean);
    this.failures.push(
      `[${project}] ${titles.join(' › ')}, line ${where?.line ?? '?'}, after ${Math.round(result.duration / 1000)} s: ${told.slice(0, 6).join(' | ')}`,
    );
  }

  async onEnd(): Promise<void> {
    for (const failure of this.failures) process.stdout.write(`${failure}\n`);
  }
}
