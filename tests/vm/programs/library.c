/* VERSION makes each one another file. */
int vmask(void);
int vmask(void) { return VERSION - VERSION; }
