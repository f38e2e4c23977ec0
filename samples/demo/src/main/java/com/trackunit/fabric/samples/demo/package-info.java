// SPDX-License-Identifier: Apache-2.0
/** The whole fabric on one machine: brokers, stand-ins and services, each a process of its own. */
@NullMarked
package com.trackunit.fabric.samples.demo;

import org.jspecify.annotations.NullMarked;
