import fs from 'node:fs';
import packaged from '@sparticuz/chromium';
import { chromium, type Browser, type Page } from 'playwright-core';

const SYSTEM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/**
 * The system's Chromium where there is one, else the one that comes from npm (Linux on x64 only).
 * Not with that package's own switches: they turn off what the tests of our security rely on.
 */
export async function launchBrowser(): Promise<Browser> {
  const system = SYSTEM.find((file) => fs.existsSync(file));
  return chromium.launch({
    executablePath: system ?? (await packaged.executablePath()),
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
}

/** Why the browser tests can't run here; null when they can. */
export function browserIsMissing(): string | null {
  const hasPackaged = process.platform === 'linux' && process.arch === 'x64';
  if (hasPackaged || SYSTEM.some((file) => fs.existsSync(file))) return null;
  return 'needs Chromium: only on Linux x64 it comes with npm ci';
}

export interface Opened {
  readonly page: Page;
  /** What the page complained of: errors, and what its policy refused. */
  readonly complaints: readonly string[];
}

export interface PageOptions {
  readonly scheme?: 'light' | 'dark';
  readonly width?: number;
  /** Lets a test put a checker into the page, which the page's own policy would refuse. */
  readonly isPolicyOff?: boolean;
}

export async function openPage(
  browser: Browser,
  url: string,
  options: PageOptions = {},
): Promise<Opened> {
  const { scheme = 'light', width = 1200, isPolicyOff = false } = options;
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    bypassCSP: isPolicyOff,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(url);
  return { page, complaints };
}
