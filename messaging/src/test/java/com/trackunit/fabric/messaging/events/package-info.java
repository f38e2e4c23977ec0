// SPDX-License-Identifier: Apache-2.0
@NullMarked
package com.trackunit.fabric.messaging.events;

import org.jspecify.annotations.NullMarked;
