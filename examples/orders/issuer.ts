import { createIssuer } from 'hewn/issuer';

export * from 'hewn/issuer/objects';

export default createIssuer();
