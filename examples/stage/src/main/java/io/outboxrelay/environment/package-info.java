/**
 * All that the employee service needs, and the service: real servers, the relay's fat jar and the
 * service as processes of their own, on this machine's loopback interface.
 */
@NullMarked
package io.outboxrelay.environment;

import org.jspecify.annotations.NullMarked;
