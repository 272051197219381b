/* Empty: host.defs names it. */
