/**
 * The checks of the command {@code check}: each class examines one subject and returns findings
 * with remedies. Checks change nothing and publish nothing. The checks of a broker are in its
 * module, behind {@code Broker.check}. Begin with {@link io.outboxrelay.check.CheckRunner}, which
 * runs them in order.
 */
@NullMarked
package io.outboxrelay.check;

import org.jspecify.annotations.NullMarked;
