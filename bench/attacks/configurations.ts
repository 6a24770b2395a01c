/** What is compared: how much of the real machinery a deployment uses. */

export interface Configuration {
  readonly name: string;
  /** The tools of a grant: all of the suite, or those of the user's side. */
  readonly tools: 'all' | 'derived';
  /** Whether every read within the suite is granted, or only those of the plan. */
  readonly reads: 'free' | 'derived';
  /** Whether a grant is on the datasets of the plan, or on all that the tool can reach. */
  readonly datasets: 'all' | 'derived';
  /**
   * `open`: no constraint. `named`: pinned to what the request names, and open where it names
   * nothing. `closed`: pinned likewise, and closed where it names nothing. `origins`: the drafted
   * policy says where their values come from. `everything`: every argument of every call is pinned
   * to the plan.
   */
  readonly sinks: 'open' | 'named' | 'closed' | 'origins' | 'everything';
  /**
   * Whether a denied call asks for what it needs. With `origins`, a person approves exactly that
   * call where the tool is granted.
   */
  readonly stepUp: boolean;
  /** Whether a person is asked before data leaves a workflow that has read labelled data. */
  readonly labels: boolean;
  /** Whether a planner outside of the agent narrows to one step of the plan at a time. */
  readonly perStep: boolean;
}

const BASE: Configuration = {
  name: '',
  tools: 'derived',
  reads: 'free',
  datasets: 'all',
  sinks: 'open',
  stepUp: false,
  labels: false,
  perStep: false,
};

export const CONFIGURATIONS: readonly Configuration[] = [
  { ...BASE, name: 'role', tools: 'all' },
  { ...BASE, name: 'tool list', reads: 'derived' },
  { ...BASE, name: 'tool list and datasets', reads: 'derived', datasets: 'derived' },
  { ...BASE, name: 'sinks, reads free', sinks: 'named' },
  { ...BASE, name: 'sinks and step-up by value', sinks: 'closed', stepUp: true },
  { ...BASE, name: '+ provenance', sinks: 'origins', stepUp: true },
  { ...BASE, name: '+ labels', sinks: 'origins', stepUp: true, labels: true },
  { ...BASE, name: 'everything pinned', reads: 'derived', sinks: 'everything' },
  { ...BASE, name: 'narrowed for each step', reads: 'derived', perStep: true },
];
