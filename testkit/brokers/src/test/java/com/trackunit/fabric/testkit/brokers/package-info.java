// SPDX-License-Identifier: Apache-2.0
@NullMarked
package com.trackunit.fabric.testkit.brokers;

import org.jspecify.annotations.NullMarked;
