/** Templates for the identities of well-known platforms (docs/reference/identity.md). */
import * as v from 'valibot';
import { ok, type Result, refuse } from '../../result.ts';
import { entra, entraUsers } from './entra.ts';
import { githubActions } from './github-actions.ts';
import { gitlab } from './gitlab.ts';
import { googleCloud } from './google-cloud.ts';
import { kubernetes } from './kubernetes.ts';
import type { Template } from './template.ts';

const TEMPLATES = {
  'github-actions': githubActions,
  gitlab,
  'google-cloud': googleCloud,
  kubernetes,
  entra,
  'entra-users': entraUsers,
} as const satisfies Readonly<Record<string, Template>>;

export type TemplateKind = keyof typeof TEMPLATES;

export const TEMPLATE_KINDS = Object.keys(TEMPLATES) as readonly TemplateKind[];

/** The schema of the options of each template. */
export const TEMPLATE_OPTIONS: Readonly<Record<TemplateKind, v.GenericSchema>> = {
  'github-actions': githubActions.options,
  gitlab: gitlab.options,
  'google-cloud': googleCloud.options,
  kubernetes: kubernetes.options,
  entra: entra.options,
  'entra-users': entraUsers.options,
};

export const isTemplate = (kind: unknown): kind is TemplateKind =>
  typeof kind === 'string' && Object.hasOwn(TEMPLATES, kind);

/** Expands the options of a template to an OIDC entry, or returns what is wrong with them. */
export function fromTemplate(
  kind: TemplateKind,
  options: unknown,
): Result<Readonly<Record<string, unknown>>, v.BaseIssue<unknown>> {
  const template: Template = TEMPLATES[kind];
  const parsed = v.safeParse(template.options, options, { abortEarly: true });
  return parsed.success ? ok(template.entry(parsed.output as never)) : refuse(parsed.issues[0]);
}
