import type { DeployStep, StepReport } from '../../deploy/index.ts';
import { visible } from '../visible.ts';

/** Describes what a step will do, in one line, and in further ones the details. */
function describeStep(step: DeployStep): readonly string[] {
  switch (step.kind) {
    case 'keys':
      return [
        step.changes
          ? `keys      generate ${step.file}, which only its owner can read`
          : `keys      ${step.file} exists`,
      ];
    case 'upload':
      return [
        step.changes ? `upload    ${step.worker}` : `upload    ${step.worker}: unchanged`,
        `          $ ${showCommand(step)}`,
        ...(step.boundTo.length > 0 ? [`          bound to ${step.boundTo.join(', ')}`] : []),
      ];
    case 'compare':
      return [`compare   the keys and the feed that ${step.url} serves with those of this folder`];
    case 'version':
      return [
        `version   load and activate ${step.id.slice(0, 12)}, unless it is active: ${step.files.join(', ')} and the catalogue`,
      ];
    case 'publish':
      return ['publish   let the feed name the keys for receipts and approvals of calls'];
    case 'doctor':
      return [`doctor    $ hewn doctor --env ${step.environment}`];
  }
}

/** The command of an upload, without any secret. */
function showCommand({ args, secrets }: Extract<DeployStep, { kind: 'upload' }>): string {
  const hidden = secrets.length > 0 ? ` --secrets-file (hidden: ${secrets.join(', ')})` : '';
  return `wrangler ${args.join(' ')}${hidden}`;
}

/** The plan, numbered. */
export const describePlan = (steps: readonly DeployStep[]): string =>
  steps
    .flatMap((step, index) => {
      const [first = '', ...rest] = describeStep(step);
      return [`${String(index + 1).padStart(2)}  ${first}`, ...rest.map((line) => `    ${line}`)];
    })
    .join('\n');

const MARKS: Readonly<Record<StepReport['outcome'], string>> = {
  done: 'done     ',
  unchanged: 'unchanged',
  failed: 'FAILED   ',
  stopped: 'STOPPED  ',
};

/** What a step did. */
export const describeReport = ({ step, outcome, detail }: StepReport): string =>
  visible(`${MARKS[outcome]}  ${step.kind.padEnd(8)}  ${detail}`);

/** A step for `--json`. */
export const stepFacts = (step: DeployStep) => ({
  ...step,
  ...(step.kind === 'upload' && { command: showCommand(step) }),
});
