import type { Check } from '../examine.ts';
import { unasked } from './keys.ts';

export const versionCheck: Check = {
  name: 'version',
  advice: 'Run hewn deploy, which shows the difference before it replaces a version.',
  run: async ({ active, version }) => {
    const asked = await active();
    if (!asked.ok) return [unasked(asked.error)];
    const subject = 'policy and catalogue';
    const { active: current, recording } = asked.value;
    if (recording) {
      const detail = `the activation of ${recording.version.slice(0, 12)} waits for the audit log`;
      return [
        { subject, status: 'fail', detail, advice: 'Check the audit log: it records first.' },
      ];
    }
    if (!current) {
      const detail =
        'no version is active: the issuer decides by its entry file, if that has sources';
      return [{ subject, status: 'warn', detail }];
    }
    const { version: id, by, at } = current;
    const shown = `${id.slice(0, 12)}, activated by ${by} at ${at}`;
    return [
      id === version
        ? { subject, status: 'ok', detail: `${shown}, as in this folder` }
        : { subject, status: 'warn', detail: `${shown}, differs from this folder` },
    ];
  },
};
