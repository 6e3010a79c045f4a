// Every kind of run there is, under its name. A new kind is a folder beside this file and one line here.
export { createDocumentation as documentation } from './documentation/index.ts';
export { createEnrichment as enrichment } from './enrichment/index.ts';
export { createIntelligence as intelligence } from './intelligence/index.ts';
