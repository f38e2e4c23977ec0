// SPDX-License-Identifier: Apache-2.0
/**
 * Flow control as plain state machines: how much may be in flight ({@link
 * com.trackunit.fabric.core.flow.Window}), what is settled without a gap ({@link
 * com.trackunit.fabric.core.flow.Settlements}) and which acks say so ({@link
 * com.trackunit.fabric.core.flow.AckRun}). No clock, thread or client is in here; whoever uses them
 * brings the lock.
 */
@NullMarked
package com.trackunit.fabric.core.flow;

import org.jspecify.annotations.NullMarked;
