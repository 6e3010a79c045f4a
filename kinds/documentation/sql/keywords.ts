/** Words that end an expression or a name; none of them can be an alias without `as`. */
const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Words that start the next part of a select. */
export const CLAUSES = words(
  `from where group having qualify window order limit offset fetch union intersect except minus for
  sort cluster distribute into`,
);

/** Words that start the next relation of a from clause. */
export const JOIN_WORDS = words(
  `join inner left right full cross natural lateral semi anti asof outer straight_join any all
  positional global`,
);

/** Words that cannot be an alias of an expression. */
export const NOT_AN_ALIAS = new Set([
  ...CLAUSES,
  ...words(
    `on using as and or not is in like ilike rlike regexp similar between case when then else end asc
  desc nulls over within filter collate at escape select with join inner left right full cross natural
  lateral tablesample pivot unpivot match_recognize values set returning`,
  ),
]);
/** Words that cannot be a value, unless a bracket follows. */
export const RESERVED = words(
  `from where group having order limit union intersect except on using as and or in is like between
  when then else end join select by asc desc not over qualify`,
);

/** Words after which a relation's alias cannot follow. */
export const NOT_A_TABLE_ALIAS = new Set([
  ...NOT_AN_ALIAS,
  ...words('semi anti asof outer straight_join positional global sample final'),
]);
