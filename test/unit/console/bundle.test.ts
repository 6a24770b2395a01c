import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { FILES } from '#console';

/** What a browser loads. At a bound, look for a library that came in with an import. */
const GZIP_BYTES_MAX: Readonly<Record<string, number>> = {
  'index.html': 1_000,
  'app.js': 70_000, // Of it, 6,000 are Preact and htm; the rest is ours.
  'plot.js': 25_000,
  'verify.js': 10_000,
  'style.css': 9_000,
  'licenses.txt': 6_000,
};

describe('the console as it is built', () => {
  test('has these files', () => {
    expect(Object.keys(FILES).sort()).toEqual(Object.keys(GZIP_BYTES_MAX).sort());
  });

  test.each(Object.entries(GZIP_BYTES_MAX))('%s has at most %i bytes, gzipped', (name, most) => {
    const bytes = gzipSync(FILES[name] ?? '').length;
    expect(bytes).toBeGreaterThan(100);
    expect(bytes).toBeLessThanOrEqual(most);
  });

  test('names no other origin that the page could ask', () => {
    for (const name of ['index.html', 'app.js', 'style.css']) {
      const text = (FILES[name] ?? '').replaceAll(/http:\/\/www\.w3\.org\/[\w/]+/g, '');
      expect(text.match(/https?:\/\/(?!\w*\.?example)[\w.]+/g) ?? []).toEqual([]);
    }
  });

  test('contains no validator, whose schemas only the issuer needs', () => {
    expect(FILES['app.js']).not.toMatch(/safeParse|valibot/);
  });

  test('has neither inline scripts nor inline styles', () => {
    expect(FILES['index.html']).not.toMatch(/<style|style=|<script(?![^>]*\ssrc=)|\son\w+=/);
  });
});
