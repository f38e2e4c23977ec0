// SPDX-License-Identifier: Apache-2.0
@NullMarked
package com.trackunit.fabric.samples.deploy;

import org.jspecify.annotations.NullMarked;
