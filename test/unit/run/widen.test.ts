import { describe, expect, test } from 'vitest';
import type { RenewalError, StepUpError } from '../../../src/agent/index.ts';
import type { WiderUse } from '../../../src/bridge/index.ts';
import type { Grant } from '../../../src/capability/index.ts';
import { ok, refuse } from '../../../src/result.ts';
import { widening } from '../../../src/run/widen.ts';

const use = (dataset: string): WiderUse => ({
  server: 'notes',
  kind: 'tool',
  name: 'read_note',
  args: { path: dataset },
  needed: [{ tool: 'mcp/notes/read_note', action: 'read', dataset }],
});

function scene(options: { answer?: boolean; error?: RenewalError | StepUpError } = {}) {
  const [asked, requested, said]: [string[], (readonly Grant[])[], string[]] = [[], [], []];
  const grants: Grant[] = [];
  const widen = widening({
    capability: {
      current: async () => refuse({ code: 'workflow_ended' }),
      stepUp: async (needed) => {
        requested.push(needed);
        if (options.error) return refuse(options.error);
        return ok({ grants: needed } as never);
      },
    },
    onGranted: (granted) => grants.push(...granted),
    say: (line) => said.push(line),
    ...(options.answer !== undefined && {
      ask: async ({ args }) => {
        asked.push(String(args.path));
        return options.answer === true;
      },
    }),
  });
  return { widen, asked, requested, said, grants };
}

describe('a step up of a run', () => {
  test('is requested after a person has said yes', async () => {
    const { widen, asked, requested, grants } = scene({ answer: true });
    expect(await widen(use('a'))).toEqual({ isWider: true });
    expect(asked).toEqual(['a']);
    expect(requested).toEqual([use('a').needed]);
    expect(grants).toEqual(use('a').needed);
  });

  test('is not requested after a no, and the person is not asked again', async () => {
    const { widen, asked, requested } = scene({ answer: false });
    expect(await widen(use('a'))).toMatchObject({
      isWider: false,
      why: expect.stringContaining('said no'),
    });
    expect(await widen(use('a'))).toMatchObject({
      isWider: false,
      why: expect.stringContaining('requested before'),
    });
    expect(asked).toEqual(['a']);
    expect(requested).toEqual([]);
  });

  test('does not tire a person: no run asks more than 20 questions', async () => {
    const { widen, asked } = scene({ answer: true });
    const outcomes = [];
    for (let i = 0; i < 25; i++) outcomes.push(await widen(use(`d${i}`)));
    expect(asked).toHaveLength(20);
    expect(outcomes.at(-1)).toMatchObject({ isWider: false });
  });

  test('asks one question at a time', async () => {
    let open = 0;
    let most = 0;
    const widen = widening({
      capability: {
        current: async () => refuse({ code: 'workflow_ended' }),
        stepUp: async (needed) => ok({ grants: needed } as never),
      },
      onGranted: () => {},
      say: () => {},
      ask: async () => {
        open += 1;
        most = Math.max(most, open);
        await new Promise((passed) => setTimeout(passed, 5));
        open -= 1;
        return true;
      },
    });
    await Promise.all(['a', 'b', 'c'].map((each) => widen(use(each))));
    expect(most).toBe(1);
  });

  test('that the policy refuses is not requested twice', async () => {
    const { widen, requested } = scene({ error: { code: 'not_granted' } });
    expect(await widen(use('a'))).toMatchObject({
      isWider: false,
      why: expect.stringContaining('did not grant it'),
    });
    await widen(use('a'));
    expect(requested).toHaveLength(1);
  });

  test('that a person must approve elsewhere can be tried again', async () => {
    const expires = new Date(0);
    const pending = { code: 'approval_pending', id: 'ap_1', expires, intervalSeconds: 5 } as const;
    const { widen, requested, said } = scene({ error: pending });
    expect(await widen(use('a'))).toMatchObject({
      isWider: false,
      why: expect.stringContaining('must approve'),
    });
    await widen(use('a'));
    expect(requested).toHaveLength(2);
    expect(said[0]).toContain('hewn approvals show ap_1');
  });
});
