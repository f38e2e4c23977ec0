// SPDX-License-Identifier: Apache-2.0
@NullMarked
package com.trackunit.fabric.samples.deploy.reach;

import org.jspecify.annotations.NullMarked;
