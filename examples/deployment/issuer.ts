import { createIssuer } from 'hewn/issuer';
import catalogue from './catalogue/tools.toml';
import notes from './policy/notes.datalog';

export * from 'hewn/issuer/objects';

export default createIssuer({ policy: { 'policy/notes.datalog': notes }, catalogue });
