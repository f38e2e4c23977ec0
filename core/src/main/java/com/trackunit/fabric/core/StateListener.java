// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core;

/** Is told of each {@link StateChange} of one resource, in order. */
@FunctionalInterface
public interface StateListener {
  /**
   * Called after the change, on the executor that the resource names in its documentation, never
   * while a lock is held. What it throws is logged and otherwise ignored.
   *
   * @param change what happened
   */
  void onChange(StateChange change);
}
