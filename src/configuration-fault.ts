/** A configuration that cannot work. Names the variable and the reason, never the value. */
export class ConfigurationFault extends Error {
  override readonly name = 'ConfigurationFault';
  readonly variable: string;

  constructor(variable: string, what: string) {
    super(`${variable} ${what}: see docs/reference/configuration.md`);
    this.variable = variable;
  }
}
