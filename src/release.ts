/** The release of Hewn that this code belongs to: `version` in `package.json`. */
export const RELEASE = '0.4.0';
