// SPDX-License-Identifier: Apache-2.0
@NullMarked
package com.trackunit.fabric.portforward;

import org.jspecify.annotations.NullMarked;
