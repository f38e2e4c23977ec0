// SPDX-License-Identifier: Apache-2.0
/** {@code script/chaos bridge}: both directions under every fault, judged by a ledger. */
@NullMarked
package com.trackunit.fabric.bridge.chaos;

import org.jspecify.annotations.NullMarked;
