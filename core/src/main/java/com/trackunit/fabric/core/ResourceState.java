// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core;

/**
 * The states of everything long-lived in Fabric: connections, channels, consumers, bridges, key
 * sets. The same five in every module.
 */
public enum ResourceState {
  /** Being set up for the first time; not usable yet. */
  OPENING,
  /** In use. */
  OPEN,
  /** Was open, lost what it stands on, and is being set up again. */
  RECOVERING,
  /** Told to close; finishing what it had begun. */
  CLOSING,
  /** Closed for good: a closed resource never comes back to life. */
  CLOSED;

  /**
   * Whether a resource may go from this state to another one.
   *
   * @param next the state to go to
   * @return true where the step is part of the life of a resource
   */
  public boolean mayBecome(ResourceState next) {
    return switch (this) {
      case OPENING -> next == OPEN || next == RECOVERING || next == CLOSING || next == CLOSED;
      case OPEN -> next == RECOVERING || next == CLOSING || next == CLOSED;
      case RECOVERING -> next == OPEN || next == CLOSING || next == CLOSED;
      case CLOSING -> next == CLOSED;
      case CLOSED -> false;
    };
  }
}
