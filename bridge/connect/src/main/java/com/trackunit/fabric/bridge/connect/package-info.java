// SPDX-License-Identifier: Apache-2.0
/** Reserved for the Kafka Connect connectors over the bridge engine; there is no code in it yet. */
@NullMarked
package com.trackunit.fabric.bridge.connect;

import org.jspecify.annotations.NullMarked;
