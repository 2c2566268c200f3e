/**
 * The HTTP server of a running relay: health, metrics, the API and the console.
 *
 * <p>This package authenticates callers, validates requests against {@code openapi.yaml}, and
 * answers them. The work itself, such as retrying dead letters, is in {@code relay-core}, and the
 * JSON is written by {@link io.outboxrelay.json}. Begin with {@link AdminServer} and {@link
 * AdminRoutes}; the API's operations are the classes named {@code …Operations}, which {@link
 * ApiRouter} puts together.
 */
@NullMarked
package io.outboxrelay.admin;

import org.jspecify.annotations.NullMarked;
