import { createExecutionContext } from 'cloudflare:test';
import { describe, expect, test } from 'vitest';
import { CONSOLE_HEADERS } from '../../../workers/issuer/console/routes.ts';
import { createIssuer } from '../../../workers/issuer/index.ts';
import { env } from './token.scene.ts';

const issuer = createIssuer();
const ask = (path: string, init?: RequestInit) =>
  issuer.fetch(new Request(`https://issuer.example${path}`, init), env, createExecutionContext());

describe('the console', () => {
  test.each([
    ['/console/', 'text/html; charset=utf-8', '<!doctype html>'],
    ['/console/app.js', 'text/javascript; charset=utf-8', 'hashchange'],
    ['/console/style.css', 'text/css; charset=utf-8', ':root'],
  ])('%s is served with its media type and every header', async (path, type, text) => {
    const answer = await ask(path);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain(text);
    expect(answer.headers.get('content-type')).toBe(type);
    expect(Object.fromEntries(answer.headers)).toMatchObject(CONSOLE_HEADERS);
  });

  test('has a policy that allows only its own files, no frame and no HTML from text', async () => {
    const policy = (await ask('/console/')).headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; /);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'; trusted-types 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });

  test('is at the path with a slash, because its addresses are below it', async () => {
    const answer = await ask('/console');
    expect(answer.status).toBe(308);
    expect(answer.headers.get('location')).toBe('/console/');
    expect(Object.fromEntries(answer.headers)).toMatchObject(CONSOLE_HEADERS);
  });

  test.each(['/console/index.html', '/console/files.js', '/console/../app.js', '/console/app.js/'])(
    '%s is not a file of it',
    async (path) => {
      expect((await ask(path)).status).not.toBe(500);
      expect((await ask(path)).headers.get('content-type')).not.toBe('text/html; charset=utf-8');
    },
  );

  test.each(['/console', '/console/', '/console/app.js'])(
    'HEAD %s has the status and the headers of GET, and no content',
    async (path) => {
      const [head, get] = await Promise.all([ask(path, { method: 'HEAD' }), ask(path)]);
      expect(head.status).toBe(get.status);
      expect(Object.fromEntries(head.headers)).toEqual(Object.fromEntries(get.headers));
      expect(await head.text()).toBe('');
    },
  );

  test('takes no order', async () => {
    expect((await ask('/console/', { method: 'POST' })).status).toBe(404);
  });
});
