import { describe, expect, test } from 'vitest';
import { parseCatalogue } from '../../src/catalogue/index.ts';
import { readCases } from '../../src/cli/policy/cases.ts';
import { utf8 } from '../../src/encoding.ts';
import { loadPolicy } from '../../src/policy/index.ts';
import { decodeSource } from '../../src/source-text.ts';
import { parseConfig } from '../../workers/gateway/config.ts';
import { NO_CATALOGUE } from './fixtures/catalogue.ts';

const LATIN1 = new Uint8Array([...utf8('deny if tool("caf'), 0xe9, ...utf8('")')]);
const load = (source: string) => {
  const loaded = loadPolicy([{ name: 'a.datalog', source }], NO_CATALOGUE);
  return loaded.ok ? 'loaded' : loaded.error;
};

describe('a text that grants power', () => {
  test('is not decoded if its bytes are not UTF-8', () => {
    for (const bytes of [LATIN1, new Uint8Array([0xff, 0xfe, 0x61, 0]), new Uint8Array([0xc3])]) {
      expect(decodeSource(bytes)).toEqual({ ok: false, error: 'not_utf8' });
    }
    expect(decodeSource(utf8('café'))).toEqual({ ok: true, value: 'café' });
  });

  test('loses the byte order mark of editors, and no other', () => {
    expect(decodeSource(utf8('\ufeffa\ufeff'))).toEqual({ ok: true, value: 'a\ufeff' });
  });

  test('is rejected with its line if a lenient decoder replaced a character: a deny would deny nothing', () => {
    const lenient = new TextDecoder().decode(LATIN1);
    expect(load(`owner("a");\n${lenient};\nallow if tool("x")`)).toMatchObject({
      code: 'policy_invalid',
      file: 'a.datalog',
      line: 2,
      why: expect.stringContaining('UTF-8'),
    });
    expect(parseCatalogue('[[tool]]\nname = "caf\ufffd"')).toMatchObject({
      error: { code: 'toml_invalid', line: 2 },
    });
    expect(readCases('[given]\n\ntask = "\ufffd"')).toMatchObject({
      error: expect.stringContaining('line 3'),
    });
    const env = {
      ISSUER: 'https://a.example',
      MCP_UPSTREAMS: '{"files":"https://\ufffd.example"}',
    };
    expect(() => parseConfig(env as never)).toThrow();
  });
});

describe('a name that is not in NFC', () => {
  const decomposed = 'cafe\u0301';

  test('in a policy is reported with file and line', () => {
    expect(
      load(`owner("a");\n\ndeny if\n  tool("${decomposed}");\nallow if tool("x")`),
    ).toMatchObject({
      code: 'policy_invalid',
      file: 'a.datalog',
      line: 4,
      why: expect.stringContaining('NFC'),
    });
    expect(load(`// ${decomposed}\nallow if tool("${decomposed.normalize('NFC')}")`)).toBe(
      'loaded',
    );
  });

  test('in a catalogue or in cases is reported with its line', () => {
    const tool = (name: string) => `# ${decomposed.normalize('NFC')}
[[tool]]
name = "a"
action = "read"
tier = 1
arguments = ["${name}"]
datasets = [{ fixed = "d" }]`;
    expect(parseCatalogue(tool(decomposed))).toMatchObject({
      error: { code: 'toml_invalid', line: 6, why: expect.stringContaining('NFC') },
    });
    expect(parseCatalogue(tool(decomposed.normalize('NFC'))).ok).toBe(true);
    expect(readCases(`[given]\ntask = "${decomposed}"`)).toMatchObject({
      error: expect.stringContaining('line 2'),
    });
  });
});
