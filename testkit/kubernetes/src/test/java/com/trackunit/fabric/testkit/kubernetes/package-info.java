// SPDX-License-Identifier: Apache-2.0
@NullMarked
package com.trackunit.fabric.testkit.kubernetes;

import org.jspecify.annotations.NullMarked;
