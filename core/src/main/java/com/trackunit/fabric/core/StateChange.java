// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core;

import java.time.Instant;
import java.util.Objects;

/**
 * One step in the life of a resource.
 *
 * @param resource the resource's name, such as {@code rabbitmq:publishing}
 * @param from the state it left
 * @param to the state it is in now
 * @param reason why, in words for an operator; no secrets
 * @param at when, by the wall clock
 */
public record StateChange(
    String resource, ResourceState from, ResourceState to, String reason, Instant at) {
  /** Checks that every part is there. */
  public StateChange {
    Objects.requireNonNull(resource, "resource");
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(to, "to");
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(at, "at");
  }
}
