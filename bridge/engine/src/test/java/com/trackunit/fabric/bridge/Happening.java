// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

/** What can happen in a simulated world. */
enum Happening {
  DELIVERY,
  PUBLISH,
  CONFIRM,
  RETURN,
  NACK,
  COMMIT,
  ACK,
  DEAD_CHANNEL,
  NEW_CHANNEL,
  BLOCKED,
  ASSIGNED_PARTITION,
  LOST_PARTITION,
  REVOKED_PARTITION,
  LOST_ACK,
  UNKNOWN_COMMIT,
  FAILED_COMMIT,
  FENCED,
  SECOND_INSTANCE,
  FREEZE,
  THAW,
  REUSED_ID,
  ACKED_REDELIVERED,
  RESTART,
  TIME_OUT,
  LATE_ANSWER,
  POISON
}
