// SPDX-License-Identifier: Apache-2.0
/** Tests of the module; those tagged {@code broker} need an installed rabbitmq-server. */
@NullMarked
package com.trackunit.fabric.messaging;

import org.jspecify.annotations.NullMarked;
