// SPDX-License-Identifier: Apache-2.0
/** Reserved for the supervised port-forward; there is no code in it yet. */
@NullMarked
package com.trackunit.fabric.portforward;

import org.jspecify.annotations.NullMarked;
